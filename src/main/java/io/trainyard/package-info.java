/**
 * Starts the process. Each configuration class creates the objects of one package that are not
 * components, and connects packages that do not know each other, such as jobs and the engine. Holds
 * no logic; no other package imports it. Start at {@link io.trainyard.TrainyardApplication}. The
 * HTTP tests of {@code api} start the whole application, and {@code WorkerDeathIT} the workers of
 * {@code ProcessConfiguration}; {@code SettingsCheckTest} tests {@code KnownSettings}.
 */
@NullMarked
package io.trainyard;

import org.jspecify.annotations.NullMarked;
