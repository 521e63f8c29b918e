// The API's words for tasks.
import type { components } from '../../api';

export type TaskView = components['schemas']['TaskView'];
export type Assignee = components['schemas']['AssigneeView'];
