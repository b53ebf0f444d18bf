/**
 * The only place that talks to libtorch: networks, losses, optimizers and the threads they run on.
 * Knows neither jobs nor HTTP.
 */
@NullMarked
package io.trainyard.engine;

import org.jspecify.annotations.NullMarked;
