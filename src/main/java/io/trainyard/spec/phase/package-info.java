/**
 * The phases of a training, each as a training of its own. Knows specs, not what is checked of them
 * or how they are trained. Start at {@link io.trainyard.spec.phase.PhaseModel}, the layers and
 * targets of a phase; {@code PhaseFaults} puts what is wrong with a phase where the caller wrote
 * it.
 */
@NullMarked
package io.trainyard.spec.phase;

import org.jspecify.annotations.NullMarked;
