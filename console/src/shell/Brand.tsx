// The name and the bell.
import { Link } from 'react-router';

import classes from './shell.module.css';

export function Brand({ withName = true }: { withName?: boolean }) {
  return (
    <Link to="/" className={classes.brand} aria-label="frontdesk">
      <img src="/favicon.svg" width={26} height={26} alt="" />
      {withName && <span>frontdesk</span>}
    </Link>
  );
}
