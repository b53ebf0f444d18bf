/**
 * What a caller can ask about predictions beyond the predictions: how uncertain they are, and which
 * columns they come from. Must not know HTTP, nor how a network computes. Start at {@link
 * io.trainyard.predict.analysis.Analysis}, which {@link
 * io.trainyard.predict.analysis.AnalysisRequest} asks for. {@code AnalysisHttpTest} tests requests
 * and numbers, against PyTorch.
 *
 * <p>Other tests: {@code Spread}, {@code ExplainedValue}, {@code Baseline}, {@code TrainingMeans},
 * {@code IntegratedGradients} and {@code ColumnNumbers} in {@code AnalysisHttpTest} and {@code
 * TrainedAttributionsHttpTest}.
 */
@NullMarked
package io.trainyard.predict.analysis;

import org.jspecify.annotations.NullMarked;
