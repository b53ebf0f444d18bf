/**
 * A search for networks that end the process: a signal inside libtorch cannot be caught. It trains
 * and serves small valid networks of every layer in child processes, and counts the children that
 * die and the networks that fail. Start at {@code CrashSearch}; {@code NetworkCases} makes the
 * networks from {@code LayerTemplates}, and {@code CaseRunner} is the child. Profile {@code attack}
 * runs all of them, verify a sample.
 */
@NullMarked
package io.trainyard.crash;

import org.jspecify.annotations.NullMarked;
