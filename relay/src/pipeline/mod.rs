//! From a venue's update to quotes, bars and history.
