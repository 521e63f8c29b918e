// How the console looks: colours, sizes and the defaults of components.
import { createTheme, localStorageColorSchemeManager, type CSSVariablesResolver } from '@mantine/core';

import { colors } from './colors';

export const schemes = localStorageColorSchemeManager({ key: 'frontdesk.scheme' });

/** The top of a dialog is no landmark of the page. */
const plainHeader = { header: { role: 'presentation' } };

export const theme = createTheme({
  colors,
  primaryColor: 'pine',
  primaryShade: { light: 7, dark: 7 },
  black: '#22221e',
  cursorType: 'pointer',
  respectReducedMotion: true,
  defaultRadius: 'md',
  radius: { xs: '4px', sm: '6px', md: '9px', lg: '14px', xl: '22px' },
  fontFamily: "'Inter', system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Liberation Sans', Arial, sans-serif",
  fontFamilyMonospace: "ui-monospace, 'SFMono-Regular', Menlo, Consolas, 'Liberation Mono', monospace",
  fontSizes: { xs: '0.765rem', sm: '0.86rem', md: '0.94rem', lg: '1.08rem', xl: '1.25rem' },
  headings: {
    fontWeight: '650',
    sizes: {
      h1: { fontSize: '1.5rem', lineHeight: '1.25' },
      h2: { fontSize: '1.2rem', lineHeight: '1.3' },
      h3: { fontSize: '1.02rem', lineHeight: '1.35' },
      h4: { fontSize: '0.94rem', lineHeight: '1.4' },
    },
  },
  shadows: {
    xs: '0 1px 2px rgb(30 28 20 / 6%)',
    sm: '0 1px 3px rgb(30 28 20 / 8%), 0 1px 2px rgb(30 28 20 / 5%)',
    md: '0 4px 14px rgb(30 28 20 / 9%), 0 1px 3px rgb(30 28 20 / 6%)',
    lg: '0 12px 32px rgb(30 28 20 / 13%), 0 2px 6px rgb(30 28 20 / 6%)',
  },
  components: {
    Modal: { styles: { title: { fontWeight: 650 } }, defaultProps: { attributes: plainHeader, radius: 'lg', overlayProps: { backgroundOpacity: 0.4, blur: 2 } } },
    Drawer: { styles: { title: { fontWeight: 650 } }, defaultProps: { attributes: plainHeader, overlayProps: { backgroundOpacity: 0.35 } } },
    Tooltip: { defaultProps: { openDelay: 350, withArrow: true, events: { hover: true, focus: true, touch: false } } },
    Menu: { defaultProps: { shadow: 'md' } },
    Badge: { defaultProps: { variant: 'light', radius: 'sm', tt: 'none', fw: 600 } },
    Card: { defaultProps: { withBorder: true, radius: 'lg', padding: 'lg' } },
    Paper: { defaultProps: { radius: 'lg' } },
    Table: { defaultProps: { verticalSpacing: 'sm', horizontalSpacing: 'md' } },
    Select: { defaultProps: { allowDeselect: false } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray' } },
  },
});

/** What the library's own variables get wrong for us: contrast of quiet text, warm paper, a readable red. */
export const variables: CSSVariablesResolver = (theme) => ({
  variables: { '--fd-nav-width': '232px' },
  light: {
    '--mantine-color-body': '#fbfaf6',
    '--mantine-color-dimmed': 'var(--mantine-color-gray-6)',
    '--mantine-color-placeholder': 'var(--mantine-color-gray-6)',
    '--mantine-color-error': 'var(--mantine-color-red-7)',
    '--mantine-color-success': 'var(--mantine-color-green-7)',
    '--mantine-color-default-border': 'var(--mantine-color-gray-3)',
    '--mantine-color-gray-text': 'var(--mantine-color-gray-7)',
    '--mantine-color-gray-light-color': 'var(--mantine-color-gray-8)',
    '--mantine-color-gray-filled': 'var(--mantine-color-gray-7)',
    '--fd-surface': '#ffffff',
    '--fd-sunken': 'var(--mantine-color-gray-1)',
    '--fd-line': 'var(--mantine-color-gray-2)',
    '--fd-selected': 'var(--mantine-color-pine-1)',
    '--fd-selected-text': 'var(--mantine-color-pine-9)',
    '--fd-mark': 'var(--mantine-color-yellow-2)',
    '--fd-hatch': 'rgb(0 0 0 / 5%)',
    '--fd-gone': 'rgb(250 82 82 / 35%)',
    '--fd-come': 'rgb(18 184 134 / 35%)',
  },
  dark: {
    ...glows(Object.keys(theme.colors)),
    '--mantine-color-body': '#101818',
    '--mantine-color-dimmed': 'var(--mantine-color-dark-2)',
    '--mantine-color-placeholder': 'var(--mantine-color-dark-3)',
    '--mantine-color-error': 'var(--mantine-color-red-4)',
    '--mantine-color-success': 'var(--mantine-color-green-4)',
    '--mantine-color-default': 'var(--mantine-color-dark-7)',
    '--mantine-color-default-hover': 'var(--mantine-color-dark-6)',
    '--mantine-color-gray-text': 'var(--mantine-color-dark-1)',
    '--mantine-color-gray-light': 'var(--mantine-color-dark-5)',
    '--mantine-color-gray-light-hover': 'var(--mantine-color-dark-4)',
    '--mantine-color-gray-light-color': 'var(--mantine-color-dark-0)',
    '--mantine-color-gray-outline': 'var(--mantine-color-dark-3)',
    '--fd-surface': 'var(--mantine-color-dark-7)',
    '--fd-sunken': '#0b1212',
    '--fd-line': 'var(--mantine-color-dark-5)',
    '--fd-selected': '#0f3329',
    '--fd-selected-text': 'var(--mantine-color-pine-2)',
    '--fd-mark': 'var(--mantine-color-yellow-9)',
    '--fd-hatch': 'rgb(255 255 255 / 6%)',
    '--fd-gone': 'rgb(250 82 82 / 45%)',
    '--fd-come': 'rgb(18 184 134 / 45%)',
  },
});

/** A `light` variant that can be told from the page it lies on in the dark. */
function glows(names: string[]): Record<string, string> {
  const mixed = (name: string, percent: number) => `color-mix(in srgb, var(--mantine-color-${name}-7) ${percent}%, #131c1c)`;
  return Object.fromEntries(
    names.flatMap((name) => [
      [`--mantine-color-${name}-light`, mixed(name, 38)],
      [`--mantine-color-${name}-light-hover`, mixed(name, 52)],
      [`--mantine-color-${name}-light-color`, `var(--mantine-color-${name}-1)`],
    ]),
  );
}
