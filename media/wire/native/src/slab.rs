//! Things by a small number, which is theirs until they are taken out.
#![forbid(unsafe_code)]

/// The number of a peer, a publication or a stream.
pub type Id = usize;

pub struct Slab<T> {
    places: Vec<Option<T>>,
    free: Vec<Id>,
}

impl<T> Default for Slab<T> {
    fn default() -> Self {
        Self {
            places: Vec::new(),
            free: Vec::new(),
        }
    }
}

impl<T> Slab<T> {
    pub fn add(&mut self, thing: T) -> Id {
        if let Some(id) = self.free.pop() {
            if let Some(place) = self.places.get_mut(id) {
                *place = Some(thing);
            }
            return id;
        }
        self.places.push(Some(thing));
        self.places.len() - 1
    }

    pub fn take(&mut self, id: Id) -> Option<T> {
        let taken = self.places.get_mut(id)?.take();
        if taken.is_some() {
            self.free.push(id);
        }
        taken
    }

    pub fn get(&self, id: Id) -> Option<&T> {
        self.places.get(id)?.as_ref()
    }

    pub fn get_mut(&mut self, id: Id) -> Option<&mut T> {
        self.places.get_mut(id)?.as_mut()
    }

    pub fn len(&self) -> usize {
        self.places.len() - self.free.len()
    }

    pub fn iter(&self) -> impl Iterator<Item = &T> {
        self.places.iter().flatten()
    }

    pub fn entries(&self) -> impl Iterator<Item = (Id, &T)> {
        let all = self.places.iter().enumerate();
        all.filter_map(|(id, place)| Some((id, place.as_ref()?)))
    }

    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.places.iter_mut().flatten()
    }
}
