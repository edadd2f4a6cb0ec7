// Values at the pointer.
