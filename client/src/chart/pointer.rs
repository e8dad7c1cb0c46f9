//! Mouse, pen and fingers on the chart: one pans, two zoom, a hovering one chooses.

use std::collections::BTreeMap;

use web_sys::PointerEvent;

/// Movement below which a press is a choice and no pan.
const SLACK_PX: f64 = 4.0;

/// What a pointer wants.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Gesture {
    /// Choose the bar here.
    Point { x: f64, y: f64 },
    /// Move the bars by so much.
    Pan { distance_px: f64 },
    /// Zoom by so much around here.
    Pinch { factor: f64, anchor_px: f64 },
}

/// The pointers that are down.
#[derive(Debug, Default)]
pub(super) struct Pointers {
    down: BTreeMap<i32, (f64, f64)>,
    moved_px: f64,
}

impl Pointers {
    pub(super) fn press(&mut self, id: i32, x: f64, y: f64) {
        if self.down.is_empty() {
            self.moved_px = 0.0;
        }
        self.down.insert(id, (x, y));
    }

    pub(super) fn release(&mut self, id: i32) {
        self.down.remove(&id);
    }

    /// Whether bars are being dragged.
    pub(super) fn is_panning(&self) -> bool {
        !self.down.is_empty() && self.moved_px > SLACK_PX
    }

    pub(super) fn travel(&mut self, id: i32, x: f64, y: f64) -> Option<Gesture> {
        let Some((old_x, _)) = self.down.get(&id).copied() else {
            return self.down.is_empty().then_some(Gesture::Point { x, y });
        };
        let other = self.down.iter().find(|(known, _)| **known != id).map(|(_, place)| place.0);
        self.down.insert(id, (x, y));
        self.moved_px += (x - old_x).abs();
        match other {
            Some(other_x) => {
                // Fingers that touch would zoom to infinity.
                let (before, after) =
                    ((old_x - other_x).abs().max(8.0), (x - other_x).abs().max(8.0));
                Some(Gesture::Pinch { factor: after / before, anchor_px: (x + other_x) / 2.0 })
            }
            None if self.moved_px > SLACK_PX => Some(Gesture::Pan { distance_px: x - old_x }),
            None => None,
        }
    }
}

/// Where a pointer is, from the chart's left upper corner.
pub(super) fn place_of(event: &PointerEvent) -> (f64, f64) {
    (f64::from(event.offset_x()), f64::from(event.offset_y()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hovering_mouse_chooses_and_a_dragging_one_pans() {
        let mut pointers = Pointers::default();
        assert_eq!(pointers.travel(1, 5.0, 6.0), Some(Gesture::Point { x: 5.0, y: 6.0 }));
        pointers.press(1, 100.0, 0.0);
        assert_eq!(pointers.travel(1, 102.0, 0.0), None, "a shaky click is no pan");
        assert_eq!(pointers.travel(1, 110.0, 0.0), Some(Gesture::Pan { distance_px: 8.0 }));
        assert!(pointers.is_panning());
        pointers.release(1);
        assert!(!pointers.is_panning());
    }

    #[test]
    fn two_fingers_zoom_around_their_middle() {
        let mut pointers = Pointers::default();
        pointers.press(1, 100.0, 0.0);
        pointers.press(2, 200.0, 0.0);
        let gesture = pointers.travel(2, 300.0, 0.0);
        assert_eq!(gesture, Some(Gesture::Pinch { factor: 2.0, anchor_px: 200.0 }));
    }

    #[test]
    fn fingers_that_touch_do_not_zoom_to_infinity() {
        let mut pointers = Pointers::default();
        pointers.press(1, 100.0, 0.0);
        pointers.press(2, 100.0, 0.0);
        let Some(Gesture::Pinch { factor, .. }) = pointers.travel(2, 116.0, 0.0) else {
            panic!("two fingers should pinch");
        };
        assert_eq!(factor, 2.0);
    }
}
