//! Pages that a publisher gives in place of the one that was asked for.

/// Whether a page keeps programs out, by its title.
pub fn is_wall(title: &str, walls: &[String]) -> bool {
    let title = title.to_lowercase();
    walls.iter().any(|wall| title.contains(wall.as_str()))
}
