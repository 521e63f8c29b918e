// Two panes with a line between them that can be dragged, also with the arrow keys.
import { useLocalStorage } from '@mantine/hooks';
import { useRef, type ReactNode } from 'react';

import classes from './agents.module.css';

const [LEAST, MOST] = [30, 72];
const within = (share: number) => Math.min(MOST, Math.max(LEAST, share));

export function Split({ left, right, label }: { left: ReactNode; right: ReactNode; label: string }) {
  const [share, setShare] = useLocalStorage({ key: 'frontdesk.agents.split', defaultValue: 54, getInitialValueInEffect: false });
  const frame = useRef<HTMLDivElement>(null);
  const drag = (event: React.PointerEvent<HTMLDivElement>) => {
    const box = frame.current?.getBoundingClientRect();
    if (box && event.currentTarget.hasPointerCapture(event.pointerId)) setShare(within(((event.clientX - box.left) / box.width) * 100));
  };
  return (
    <div ref={frame} className={classes.split} style={{ gridTemplateColumns: `minmax(0, ${share}fr) 9px minmax(0, ${100 - share}fr)` }}>
      {left}
      <div
        role="separator"
        aria-orientation="vertical"
        aria-label={label}
        aria-valuenow={Math.round(share)}
        aria-valuemin={LEAST}
        aria-valuemax={MOST}
        tabIndex={0}
        className={classes.bar}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={drag}
        onKeyDown={(event) => {
          const step = event.key === 'ArrowLeft' ? -4 : event.key === 'ArrowRight' ? 4 : 0;
          if (step) setShare(within(share + step));
        }}
      />
      {right}
    </div>
  );
}
