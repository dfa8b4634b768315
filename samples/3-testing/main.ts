import { timeline } from 'rxkstreams/testing';
import { spendPerMinute } from './topology.ts';

const fiveSecondsLateCounts = `
  time         0s  30s  59s  60s  64s     65s                       66s
  orders       a5  b1   a2   a7   a3@59s  b9                        a1@58s
  spend        -   -    -    -    -       (a[0s]10@59s b[0s]1@30s)  -
  orders-late  -   -    -    -    -       -                         a1@58s
`;
await timeline(spendPerMinute, fiveSecondsLateCounts);
console.log('The topology did what was drawn:');
console.log(fiveSecondsLateCounts);

const wrong = fiveSecondsLateCounts.replace('b[0s]1@30s', 'b[0s]2@30s');
await timeline(spendPerMinute, wrong).catch((error: Error) => {
  console.log('And this is how it looks when it does not:\n');
  console.log(error.message);
});
