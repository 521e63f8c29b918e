// What is shown when a page fails: the frame stays, and one may try again.
import { Component, type ReactNode } from 'react';

import { ErrorState } from '../ui/states';

export class Crash extends Component<{ children: ReactNode }, { error: unknown }> {
  override state = { error: undefined as unknown };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    if (this.state.error === undefined) return this.props.children;
    // A chunk of an older build that the server no longer has: only a new start helps.
    const old = this.state.error instanceof TypeError && /import|module/i.test(this.state.error.message);
    return <ErrorState error={this.state.error} retry={() => (old ? location.reload() : this.setState({ error: undefined }))} />;
  }
}
