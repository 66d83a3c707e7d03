//! Releases in an object store: `PREFIX/releases/<id>/…`, and the pointer `PREFIX/current.json`.
//!
//! A store has no links, no renames and no locks. An object is there whole or not at all; so all of a release is put
//! first, `run.json` last of it, and then the pointer is moved, on condition that nobody else has moved it since this
//! run began: the second of two runs at once gets an error. Credentials and regions are those of the store's own tools
//! (`AWS_…`, `GOOGLE_…`, `AZURE_…`). Only a program built with the feature `object-store` has this.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::azure::MicrosoftAzureBuilder;
use object_store::gcp::GoogleCloudStorageBuilder;
use object_store::path::Path as Key;
use object_store::{
    ObjectStore, ObjectStoreExt, PutMode, PutPayload, PutPayloadMut, RetryConfig, UpdateVersion,
};
use serde_json::{Value, json};
use tokio::runtime::Runtime;
use tracing::warn;

use super::{CURRENT, Current, ListedRelease, Published, RELEASES};
use crate::fs;
use crate::publish::encode::Files;
use crate::publish::run_json::{RUN_JSON, RunRecord};
use crate::publish::{PublishError, Release};

/// How often, and for how long, a failed request is repeated.
const RETRIES: usize = 4;
const PATIENCE: Duration = Duration::from_secs(60);

/// The pointer as it was when a run began; `None` where there was none.
pub type Version = Option<UpdateVersion>;

/// An object store and a prefix in it.
#[derive(Debug, Clone)]
pub struct Objects {
    address: String,
    store: Arc<dyn ObjectStore>,
    prefix: Key,
    runtime: Arc<Runtime>,
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

impl Objects {
    /// The store of an address (`s3://bucket/prefix`, `gs://`, `az://`).
    ///
    /// # Errors
    /// [`PublishError::Address`].
    pub fn new(address: &Path) -> Result<Self, PublishError> {
        let address = address.to_string_lossy().trim_end_matches('/').to_owned();
        let wrong = |message: String| PublishError::Address { address: address.clone(), message };
        let url = url::Url::parse(&address).map_err(|e| wrong(e.to_string()))?;
        if url.host_str().is_none_or(str::is_empty) {
            return Err(wrong("names no bucket: s3://bucket/prefix".into()));
        }
        let prefix = Key::from_url_path(url.path()).map_err(|e| wrong(e.to_string()))?;
        let retry = RetryConfig { max_retries: RETRIES, retry_timeout: PATIENCE, ..RetryConfig::default() };
        let built: Result<Arc<dyn ObjectStore>, object_store::Error> = match url.scheme() {
            "s3" => AmazonS3Builder::from_env()
                .with_url(&address)
                .with_retry(retry)
                .build()
                .map(|store| Arc::new(store) as _),
            "gs" => GoogleCloudStorageBuilder::from_env()
                .with_url(&address)
                .with_retry(retry)
                .build()
                .map(|store| Arc::new(store) as _),
            _ => MicrosoftAzureBuilder::from_env()
                .with_url(&address)
                .with_retry(retry)
                .build()
                .map(|store| Arc::new(store) as _),
        };
        let store = built.map_err(|e| wrong(e.to_string()))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = Arc::new(runtime.map_err(|e| wrong(e.to_string()))?);
        Ok(Self { address, store, prefix, runtime })
    }

    /// An object's address, as a person would type it.
    pub fn shown(&self, name: &str) -> String {
        format!("{}/{name}", self.address)
    }

    fn key(&self, name: &str) -> Key {
        name.split('/').fold(self.prefix.clone(), |key, part| key.join(part))
    }

    fn failed(&self, name: &str, what: &'static str) -> impl FnOnce(Failed) -> PublishError {
        let address = self.shown(name);
        move |source| PublishError::Store { address, what, source }
    }

    /// The bytes of an object; `None` if there is none.
    pub fn get(&self, name: &str) -> Result<Option<Vec<u8>>, PublishError> {
        let got = self.runtime.block_on(async {
            match self.store.get(&self.key(name)).await {
                Ok(found) => found.bytes().await.map(|bytes| Some(bytes.to_vec())),
                Err(object_store::Error::NotFound { .. }) => Ok(None),
                Err(error) => Err(error),
            }
        });
        got.map_err(|e| self.failed(name, "read")(e.into()))
    }

    /// Puts an object, whole.
    pub fn put(&self, name: &str, bytes: &[u8]) -> Result<(), PublishError> {
        self.put_pieces(name, std::iter::once(bytes))
    }

    /// Puts an object, whole, from its pieces.
    fn put_pieces<'p>(&self, name: &str, pieces: impl Iterator<Item = &'p [u8]>) -> Result<(), PublishError> {
        let mut payload = PutPayloadMut::new();
        pieces.for_each(|piece| payload.extend_from_slice(piece));
        let put = self.runtime.block_on(self.store.put(&self.key(name), payload.freeze()));
        put.map(|_| ()).map_err(|e| self.failed(name, "write")(e.into()))
    }

    fn pointer() -> String {
        format!("{CURRENT}.json")
    }

    /// Returns the pointer as it is now.
    pub fn version(&self) -> Result<Version, PublishError> {
        let name = Self::pointer();
        match self.runtime.block_on(self.store.head(&self.key(&name))) {
            Ok(meta) => Ok(Some(UpdateVersion { e_tag: meta.e_tag, version: meta.version })),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(self.failed(&name, "read")(error.into())),
        }
    }

    fn current_id(&self) -> Result<Option<String>, PublishError> {
        let pointer = self.get(&Self::pointer())?;
        let pointer = pointer.and_then(|text| serde_json::from_slice::<Value>(&text).ok());
        Ok(pointer.and_then(|pointer| Some(pointer["release_id"].as_str()?.to_owned())))
    }

    /// The current release, copied.
    pub fn current(&self) -> Result<Option<Current>, PublishError> {
        let Some(id) = self.current_id()? else { return Ok(None) };
        let Some(run) = self.get(&format!("{RELEASES}/{id}/{RUN_JSON}"))? else { return Ok(None) };
        let Ok(run) = serde_json::from_slice(&run) else { return Ok(None) };
        let shown = self.shown(&format!("{RELEASES}/{id}"));
        Ok(Some(Current { release: self.open(&id)?, id, run, shown }))
    }

    /// Copies a release into a folder of its own, which is gone when it is dropped.
    pub fn open(&self, id: &str) -> Result<Release, PublishError> {
        let folder = format!("{RELEASES}/{id}");
        let copy = tempfile::tempdir().map_err(|e| self.failed(&folder, "copy")(e.into()))?;
        for name in self.names(&folder)? {
            if let Some(bytes) = self.get(&format!("{folder}/{name}"))? {
                fs::write_unflushed(&copy.path().join(&name), &bytes)?;
            }
        }
        Ok(Release::copied(copy))
    }

    /// Names of the objects of a release.
    fn names(&self, folder: &str) -> Result<Vec<String>, PublishError> {
        let listed = self.runtime.block_on(self.store.list_with_delimiter(Some(&self.key(folder))));
        let listed = listed.map_err(|e| self.failed(folder, "list")(e.into()))?;
        let names = listed.objects.iter().filter_map(|object| object.location.filename().map(str::to_owned));
        let mut names: Vec<String> = names.collect();
        names.sort();
        Ok(names)
    }

    /// Puts a release in place and moves the pointer.
    pub fn publish(
        &self,
        version: &Version,
        id: &str,
        files: &Files,
        run_json: &[u8],
    ) -> Result<Published, PublishError> {
        let folder = format!("{RELEASES}/{id}");
        let there = self.names(&folder)?;
        let mut is_new = !there.iter().any(|name| name == RUN_JSON);
        for (name, bytes) in files {
            let path = format!("{folder}/{name}");
            if there.contains(name) && self.get(&path)?.is_some_and(|there| bytes.is(&there)) {
                continue;
            }
            self.put_pieces(&path, bytes.pieces())?;
            is_new = true;
        }
        self.put(&format!("{folder}/{RUN_JSON}"), run_json)?;
        // Checks that nobody has removed any of it meanwhile.
        let there = self.names(&folder)?;
        if files.iter().any(|(name, _)| !there.contains(name)) {
            return Err(PublishError::Overtaken { address: self.shown(&folder) });
        }
        let has_moved = self.current_id()?.as_deref() != Some(id);
        self.point_at(version, id)?;
        Ok(Published { shown: self.shown(&folder), is_new, has_moved })
    }

    /// Moves the pointer, if nobody else has since `version` was seen.
    pub fn point_at(&self, version: &Version, id: &str) -> Result<(), PublishError> {
        let name = Self::pointer();
        if self.current_id()?.as_deref() == Some(id) && self.version()? == *version {
            return Ok(());
        }
        let mut text = serde_json::to_vec_pretty(&json!({
            "release_id": id,
            "release": format!("{RELEASES}/{id}/"),
        }))
        .expect("plain data is always JSON");
        text.push(b'\n');
        let mode = version.clone().map_or(PutMode::Create, PutMode::Update);
        let key = self.key(&name);
        let put = self.store.put_opts(&key, PutPayload::from(text.clone()), mode.into());
        match self.runtime.block_on(put) {
            Ok(_) => Ok(()),
            // A store without conditions cannot refuse the move: the pointer is moved all the same.
            Err(object_store::Error::NotImplemented { .. } | object_store::Error::NotSupported { .. }) => {
                warn!("the pointer is moved without a condition: of two runs at once the last one counts");
                self.put(&name, &text)
            }
            Err(object_store::Error::Precondition { .. } | object_store::Error::AlreadyExists { .. }) => {
                // A repeated request finds its own work done.
                match self.current_id()?.as_deref() == Some(id) {
                    true => Ok(()),
                    false => Err(PublishError::Overtaken { address: self.shown(&name) }),
                }
            }
            Err(error) => Err(self.failed(&name, "write")(error.into())),
        }
    }

    /// Every release. A release that a run is still putting, or has left unfinished, has no `run.json` yet and is left
    /// out.
    pub fn releases(&self) -> Result<Vec<ListedRelease>, PublishError> {
        let current = self.current_id()?;
        let listed = self.runtime.block_on(self.store.list_with_delimiter(Some(&self.key(RELEASES))));
        let listed = listed.map_err(|e| self.failed(RELEASES, "list")(e.into()))?;
        let ids = listed.common_prefixes.iter().filter_map(|prefix| prefix.filename().map(str::to_owned));
        let listed = ids.map(|id| {
            let Some(run) = self.get(&format!("{RELEASES}/{id}/{RUN_JSON}"))? else { return Ok(None) };
            let run: RunRecord = serde_json::from_slice(&run).unwrap_or_default();
            let started = run.started;
            Ok(Some(ListedRelease { is_current: current.as_ref() == Some(&id), id, started }))
        });
        listed.filter_map(Result::transpose).collect()
    }

    /// The `run.json` of a release.
    pub fn run_of(&self, id: &str) -> Option<RunRecord> {
        let run = self.get(&format!("{RELEASES}/{id}/{RUN_JSON}")).ok().flatten()?;
        serde_json::from_slice(&run).ok()
    }

    /// Removes a release, beginning with the object that marks it as one.
    pub fn remove(&self, id: &str) -> Result<(), PublishError> {
        let folder = format!("{RELEASES}/{id}");
        let mut names = self.names(&folder)?;
        names.sort_by_key(|name| name != RUN_JSON);
        for name in names {
            let path = format!("{folder}/{name}");
            let removed = self.runtime.block_on(self.store.delete(&self.key(&path)));
            removed.map_err(|e| self.failed(&path, "remove")(e.into()))?;
        }
        Ok(())
    }
}
