// Agents: the list, and one of them being written and tried.
import { Route, Routes } from 'react-router';

import { Editor } from './Editor';
import { List } from './List';

export default function Agents() {
  return (
    <Routes>
      <Route index element={<List />} />
      <Route path=":id" element={<Editor />} />
    </Routes>
  );
}
