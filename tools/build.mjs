// Compiles lib to dist. With a sample's folder name as argument, see start.mjs.
import { buildLibrary } from './build/compile.mjs';

buildLibrary();
