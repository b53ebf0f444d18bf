/**
 * Pictures of trainings and networks. A {@link io.trainyard.inspect.plot.Plot} has the numbers, as
 * JSON and as a chart that draws the same ones; {@link io.trainyard.inspect.plot.Picture} makes the
 * chart an SVG or PNG file. Knows no HTTP. Start at {@link io.trainyard.inspect.plot.VersionPlots}
 * and {@link io.trainyard.inspect.plot.JobPlots}.
 */
@NullMarked
package io.trainyard.inspect.plot;

import org.jspecify.annotations.NullMarked;
