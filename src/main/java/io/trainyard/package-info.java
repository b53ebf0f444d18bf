/**
 * Starts the process. Each configuration class creates the objects of one package that are not
 * components, and connects packages that do not know each other, such as jobs and the engine. Holds
 * no logic; no other package imports it. Start at {@link io.trainyard.TrainyardApplication}.
 */
@NullMarked
package io.trainyard;

import org.jspecify.annotations.NullMarked;
