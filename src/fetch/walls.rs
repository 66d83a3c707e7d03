//! Pages that stand in the way of the page that was asked for.

/// Whether a page is one that keeps programs out, by its title.
pub fn is_wall(title: &str, walls: &[String]) -> bool {
    let title = title.to_lowercase();
    walls.iter().any(|wall| title.contains(wall.as_str()))
}
