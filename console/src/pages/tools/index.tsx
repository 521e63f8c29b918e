// Tools: what the agents may call, built in or made here.
import { Route, Routes } from 'react-router';

import { Editor } from './Editor';
import { List } from './List';

export default function Tools() {
  return (
    <Routes>
      <Route index element={<List />} />
      <Route path="new" element={<Editor />} />
      <Route path=":id" element={<Editor />} />
    </Routes>
  );
}
