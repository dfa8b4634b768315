/**
 * The only file that imports values of RxJS: a port to another major version starts and ends here.
 * Types come from 'rxjs' directly.
 */
export {
  BehaviorSubject,
  filter,
  firstValueFrom,
  merge,
  Observable,
  ReplaySubject,
  Subject,
  Subscription,
  share,
  VirtualTimeScheduler,
} from 'rxjs';
