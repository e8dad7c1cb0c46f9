//! What the collections of this version contain, and the check that both ends make before a
//! document is stored.
