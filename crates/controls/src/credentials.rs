//! What looks like a credential: by the name that it stands under, and by its own form.
