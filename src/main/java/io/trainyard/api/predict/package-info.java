/**
 * Predictions over HTTP, JSON or NPY in and out. Reads bodies and writes answers; which version
 * answers, and on which thread, is decided in {@code predict}. Start at {@code PredictController}.
 */
@NullMarked
package io.trainyard.api.predict;

import org.jspecify.annotations.NullMarked;
