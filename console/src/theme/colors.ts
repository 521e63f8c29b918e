// Ten shades of each hue, of even lightness: shade 7 carries white text and shade 4 is read on dark, both at WCAG AA.
import type { MantineColorsTuple } from '@mantine/core';

const pine: MantineColorsTuple = ['#edfaf6', '#daf4ea', '#bce8d9', '#98d7c2', '#6fc2a9', '#4bab90', '#2b9076', '#0c765e',
  '#045e4b', '#064738'];
const red: MantineColorsTuple = ['#fff0ed', '#ffdfda', '#ffc4bd', '#ffa49b', '#ff7e77', '#f65b58', '#d73e3f', '#b5242a',
  '#92191f', '#6f1316'];
const orange: MantineColorsTuple = ['#fff3ea', '#ffe5d3', '#ffcfb0', '#ffb389', '#f3945d', '#de7735', '#c15d11', '#a24500',
  '#823600', '#632800'];
const yellow: MantineColorsTuple = ['#fdf6e7', '#faebce', '#f2daa8', '#e5c37b', '#d4a945', '#be8e00', '#a37400', '#875c00',
  '#6c4800', '#523600'];
const green: MantineColorsTuple = ['#edfbef', '#daf5de', '#bceac4', '#99daa6', '#70c684', '#4cae67', '#2e944e', '#107938',
  '#08602b', '#084920'];
const blue: MantineColorsTuple = ['#edf8ff', '#d8f0ff', '#bae1ff', '#96cdff', '#6eb5fc', '#4b9be9', '#2e81cc', '#1567ad',
  '#0c528c', '#0a3d6a'];
const violet: MantineColorsTuple = ['#f8f4ff', '#efe7ff', '#e0d3ff', '#ccb9ff', '#b79cff', '#9f7fee', '#8665d1', '#6d4db1',
  '#573c8f', '#412d6c'];
const pink: MantineColorsTuple = ['#fff1f7', '#ffe0ee', '#ffc7df', '#ffa9cb', '#f586b4', '#e0679c', '#c34d82', '#a33669',
  '#832953', '#631e3f'];
/** Warm neutrals of the light theme. */
const gray: MantineColorsTuple = [
  '#fbfaf6', '#f5f3ef', '#ebe9e5', '#dddcd8', '#c5c4c0', '#999894', '#686763', '#53524f', '#393834', '#22221e',
];
/** Cool neutrals of the dark theme. */
const dark: MantineColorsTuple = [
  '#dfeaeb', '#c8d3d4', '#a4afaf', '#869191', '#404a4a', '#2d3636', '#212a2a', '#182020', '#101818', '#081010',
];

// Every name of the library is one of these hues, so that no page brings in a colour that cannot be read.
export const colors = {
  pine, red, orange, yellow, green, blue, violet, pink, gray, dark,
  teal: pine, cyan: blue, indigo: blue, grape: violet, lime: green,
};
