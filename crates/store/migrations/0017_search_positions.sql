-- The index of the search says where a word stands in a message, and has beginnings of four letters: the worker makes every chunk anew.
DELETE FROM search_word;
UPDATE search_chunk SET dirty = TRUE;
