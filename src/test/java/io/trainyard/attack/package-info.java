/**
 * Attacks on the packaged jar in little memory. They know the service by its command line and its
 * HTTP alone. Every answer must come in time, be no failure of the server, and show nothing of its
 * inside. Start at {@code BombsIT}; {@code AttackedService} is the process, {@code Wire} sends a
 * {@code Request}, and {@code Exchange} judges its answer. Profile {@code attack} runs all of them,
 * verify a sample.
 */
@NullMarked
package io.trainyard.attack;

import org.jspecify.annotations.NullMarked;
