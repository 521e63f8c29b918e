// What the API describes is what the inbox is written for: this file only has to compile.
import type { components } from '../../api';
import type { Contact } from './around';
import type { Hit, Macro, Template } from './data';
import type { Conversation, Item, Message, Note } from './model';

/** What the document says of it; nothing where it is not in the document. */
type Described<Name extends string> = components['schemas'] extends Record<Name, infer Answer> ? Answer : never;

/** Fails where the answer lacks what is read here. */
type Fits<Answer extends Read, Read> = [Answer, Read];

export type Checked = [
  Fits<Described<'ConversationItem'>, Item>,
  Fits<Described<'ConversationView'>, Conversation>,
  Fits<Described<'MessageView'>, Message>,
  Fits<Described<'NoteView'>, Note>,
  Fits<Described<'HitView'>, Hit>,
  Fits<Described<'MacroView'>, Macro>,
  Fits<Described<'TemplateView'>, Template>,
  Fits<Described<'ContactDetail'>, Contact>,
];
