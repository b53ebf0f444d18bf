/**
 * What every request passes before a handler: checks of its host and origin, the bound on requests
 * in flight, the memory of bodies, and the slowest speed of a sender.
 *
 * <p>The package knows no resource. Start at {@link io.trainyard.api.edge.EdgeProperties}, which
 * has the limits. {@code HostHttpTest}, {@code CrossSiteHttpTest} and {@code
 * ConfiguredNamesHttpTest} test it over HTTP, {@code BodyMemoryTest} the memory of bodies, {@code
 * RequestIdsTest} and {@code TracesTest} what {@code RequestValve} adds, {@code TlsTest}
 * certificates.
 *
 * <p>{@code HttpConnections} bounds connections and the time of a head; {@code HttpConnectionsTest}
 * tests it.
 *
 * <p>Other tests: {@code CrossSiteFilter} in {@code CrossSiteHttpTest}, {@code RoleFilter} in
 * {@code WorkerRoleTest}.
 */
@NullMarked
package io.trainyard.api.edge;

import org.jspecify.annotations.NullMarked;
