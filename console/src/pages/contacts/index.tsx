// Contacts: the list, one contact, the import of a file.
import { Route, Routes } from 'react-router';

import { Contact } from './Contact';
import { ContactList } from './ContactList';
import { Duplicates } from './Duplicates';
import { Import } from './Import';

export default function Contacts() {
  return (
    <Routes>
      <Route index element={<ContactList />} />
      <Route path="import" element={<Import />} />
      <Route path="duplicates" element={<Duplicates />} />
      <Route path=":id" element={<Contact />} />
    </Routes>
  );
}
