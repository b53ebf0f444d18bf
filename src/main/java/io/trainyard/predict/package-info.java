/** Answers from loaded model versions on bounded compute threads. Knows neither jobs nor HTTP. */
@NullMarked
package io.trainyard.predict;

import org.jspecify.annotations.NullMarked;
