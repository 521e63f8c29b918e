// Connected servers: one page each, reached from the tools.
import { Navigate, Route, Routes } from 'react-router';

import { ServerPage } from './ServerPage';

export default function Servers() {
  return (
    <Routes>
      <Route index element={<Navigate to="/tools" replace />} />
      <Route path=":id" element={<ServerPage />} />
    </Routes>
  );
}
