/**
 * What every request passes before a handler: checks of its host and origin, the bound on requests
 * in flight, the memory of bodies, and the slowest speed of a sender.
 *
 * <p>The package knows no resource. Start at {@link io.trainyard.api.edge.EdgeProperties}, which
 * has the limits.
 *
 * <p>{@code HttpConnections} bounds connections and the time of a head.
 */
@NullMarked
package io.trainyard.api.edge;

import org.jspecify.annotations.NullMarked;
