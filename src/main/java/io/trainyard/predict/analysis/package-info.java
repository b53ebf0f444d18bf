/**
 * What a caller can ask about predictions beyond the predictions: how uncertain they are, and which
 * columns they come from. Must not know HTTP, nor how a network computes. Start at {@link
 * io.trainyard.predict.analysis.Analysis}, which {@link
 * io.trainyard.predict.analysis.AnalysisRequest} asks for.
 */
@NullMarked
package io.trainyard.predict.analysis;

import org.jspecify.annotations.NullMarked;
