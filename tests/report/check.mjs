// Opens the report of a release in a headless browser and holds it to what its readers need.
//
// Usage: node check.mjs RELEASE CHROMIUM PICTURES      (PICTURES: a folder for screenshots)
import { readFileSync, statSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import puppeteer from 'puppeteer-core';

const [release, chromium, pictures] = process.argv.slice(2).map((path) => resolve(path));
const report = join(release, 'report.html');
const address = pathToFileURL(report).href;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let passed = 0;
const failed = [];
function check(what, holds, found) {
  if (holds) { passed += 1; } else { failed.push(`${what}: found ${JSON.stringify(found)}`); }
}

const browser = await puppeteer.launch({ executablePath: chromium, headless: true, args: ['--no-sandbox', '--disable-gpu'] });

async function open(url, { width, script = true }) {
  const page = await browser.newPage();
  await page.setViewport({ width, height: 900 });
  await page.setJavaScriptEnabled(script);
  const said = [];
  const asked = [];
  page.on('console', (message) => { if (['error', 'warn'].includes(message.type())) { said.push(message.text()); } });
  page.on('pageerror', (error) => said.push(String(error)));
  page.on('request', (request) => { if (!request.url().startsWith('data:')) { asked.push(request.url()); } });
  await page.goto(url, { waitUntil: 'load' });
  return { page, said, asked };
}

try {
  check('the report is under 2 MB', statSync(report).size < 2_000_000, statSync(report).size);

  const { page, said, asked } = await open(address, { width: 1280 });
  check('nothing is asked for but the report', asked.length === 1 && asked[0] === address, asked);
  const shapes = await page.$$eval('#map .c path', (paths) => paths.length);
  check('the map has a shape for every county', shapes >= 3100, shapes);
  const titled = await page.$$eval('#map .c path', (paths) => paths.filter((path) => path.querySelector('title').textContent.length > 10).length);
  check('every shape has its text', titled === shapes, titled);
  const drawn = await page.$$eval('#map .c path', (paths) => {
    const { x, y, width, height } = document.getElementById('map').viewBox.baseVal;
    const places = paths.map((path) => [path.querySelector('title').textContent, path.getBBox()]);
    const out = places.filter(([, box]) => box.x < x || box.y < y || box.x + box.width > x + width || box.y + box.height > y + height || box.width === 0);
    const has = (end) => places.filter(([text]) => text.includes(`, ${end}: `)).length;
    return { out: out.map(([text]) => text), CT: has('CT'), AK: has('AK'), HI: has('HI'), PR: has('PR'), GU: has('GU'), MP: has('MP') };
  });
  check('shapes are within the frame', drawn.out.length === 0, drawn.out);
  check('Connecticut has its nine regions; Alaska, Hawaii, Puerto Rico, Guam and the Northern Marianas are there',
    drawn.CT === 9 && drawn.AK === 30 && drawn.HI === 5 && drawn.PR === 78 && drawn.GU === 1 && drawn.MP === 4, drawn);

  // By keyboard: tab to the map, then arrows from county to county.
  let focused = null;
  for (let press = 0; press < 40 && !focused; press += 1) {
    await page.keyboard.press('Tab');
    focused = await page.evaluate(() => document.activeElement.closest('#map .c') ? document.activeElement.querySelector('title').textContent : null);
  }
  check('a county is reached by the tab key', focused !== null, focused);
  const said_of = new Set();
  for (const key of ['ArrowRight', 'ArrowUp', 'ArrowUp', 'ArrowLeft', 'ArrowDown']) {
    await page.keyboard.press(key);
    const [text, shown] = await page.evaluate(() => [document.activeElement.querySelector('title').textContent, document.getElementById('county').textContent]);
    check(`${key} shows a county with its name and figures`, text === shown && /^.+, [A-Z]{2}: .+Foreign-born [\d,]+.* of [\d,]+ residents/.test(shown), [text, shown]);
    said_of.add(text);
  }
  check('arrows move', said_of.size >= 4, [...said_of]);
  const stops = await page.$$eval('#map [tabindex="0"]', (all) => all.length);
  check('the map is one stop of the tab key', stops === 1, stops);
  await page.screenshot({ path: join(pictures, 'keyboard.png') });

  // By pointer.
  const names = await page.$$eval('#map .c path title', (all) => all.map((title) => title.textContent));
  const miami = names.findIndex((text) => text.startsWith('Miami-Dade County, FL'));
  const county = (await page.$$('#map .c path'))[miami];
  await county.evaluate((path) => path.scrollIntoView({ block: 'center' }));
  const box = await county.boundingBox();
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  const pointed = await page.$eval('#county', (info) => info.textContent);
  check('a pointer shows the county', pointed.startsWith('Miami-Dade County, FL'), pointed);

  // States: numbers sort as numbers, both ways, words as words.
  const column = (at) => page.$$eval('#states tbody tr', (rows, at) => rows.map((row) => [row.cells[at].dataset.sort, row.cells[at].textContent]), at);
  const click = (at) => page.$$eval('#states thead button', (buttons, at) => buttons[at].click(), at);
  const before = (await column(0)).map((cell) => cell[1]);
  check('every state and territory has a row', before.length >= 56, before.length);
  await click(1);
  const down = (await column(1)).map((cell) => Number(cell[0]));
  check('states sort by a number', down.every((value, at) => at === 0 || value <= down[at - 1]) && down[0] > down[down.length - 1], down);
  await click(1);
  const up = (await column(1)).map((cell) => Number(cell[0]));
  check('and the other way', up.every((value, at) => at === 0 || value >= up[at - 1]), up);
  await click(0);
  const sorted = (await column(0)).map((cell) => cell[1]);
  check('and by name again', JSON.stringify(sorted) === JSON.stringify(before), sorted);
  const aria = await page.$$eval('#states thead th', (heads) => heads.map((head) => head.getAttribute('aria-sort')));
  check('a heading says how the table is sorted', aria[0] === 'ascending' && aria.slice(1).every((sort) => sort === null), aria);

  const torn = await page.$$eval('table', (tables) => tables.filter((table) => Array.from(table.tBodies[0].rows).some((row) => row.cells.length !== table.tHead.rows[0].cells.length)).map((table) => table.id));
  check('every row has a cell for each heading', torn.length === 0, torn);

  const links = await page.$$eval('a[href^="#"]', (all) => all.filter((link) => !document.querySelector(link.getAttribute('href'))).map((link) => link.href));
  check('links lead somewhere', links.length === 0, links);
  const away = await page.$$eval('[src], link[href], [href]', (all) => all.map((one) => one.getAttribute('src') || one.getAttribute('href')).filter((to) => !to.startsWith('#') && !to.startsWith('data:')));
  check('nothing points away', away.length === 0, away);

  await page.evaluate(axe);
  const faults = await page.evaluate(async () => {
    document.querySelectorAll('details').forEach((one) => { one.open = true; });
    const { violations } = await window.axe.run(document);
    return violations.map(({ id, impact, nodes }) => ({ id, impact, count: nodes.length, first: nodes[0].html.slice(0, 150) }));
  });
  const grave = faults.filter(({ impact }) => ['serious', 'critical'].includes(impact));
  check('axe finds no serious fault', grave.length === 0, grave);
  for (const fault of faults.filter((one) => !grave.includes(one))) { console.log('minor:', JSON.stringify(fault)); }
  await page.evaluate(() => document.querySelectorAll('details').forEach((one) => { one.open = false; }));
  await page.screenshot({ path: join(pictures, 'desktop.png'), fullPage: true });
  const pdf = await page.pdf({ format: 'A4' });
  check('it prints', pdf.length > 10_000, pdf.length);
  check('the console is silent', said.length === 0, said);

  const phone = await open(address, { width: 375 });
  const wide = await phone.page.evaluate(() => [document.scrollingElement.scrollWidth, window.innerWidth]);
  check('a phone does not scroll sideways', wide[0] <= wide[1], wide);
  await phone.page.screenshot({ path: join(pictures, 'phone.png'), fullPage: true });
  check('the console of a phone is silent', phone.said.length === 0, phone.said);

  const plain = await open(address, { width: 1280, script: false });
  const text = await plain.page.$eval('main', (main) => main.textContent);
  check('it can be read without script', text.includes('county_agency') && text.includes('How to cite') && text.includes('Texas'), text.slice(0, 200));

  for (const name of readdirSync(release).filter((name) => name.endsWith('.svg'))) {
    const file = pathToFileURL(join(release, name)).href;
    const picture = await open(file, { width: 1300 });
    const root = await picture.page.evaluate(() => document.documentElement.nodeName);
    check(`${name} is a picture of its own`, root === 'svg' && picture.said.length === 0 && picture.asked.length === 1, [root, picture.said, picture.asked]);
    await picture.page.screenshot({ path: join(pictures, name.replace('.svg', '.png')) });
  }
} finally {
  await browser.close();
}
for (const line of failed) { console.log('FAILED', line); }
console.log(`${passed} passed, ${failed.length} failed`);
process.exit(failed.length > 0 ? 1 : 0);
