/**
 * Training: epochs and batches, early stopping, checkpoints. It knows neither jobs nor HTTP, and no
 * native code: the engine's session does the arithmetic. Start at {@link
 * io.trainyard.train.Trainer}, then {@code TrainingLoop}. {@code TrainerTest} tests the loop,
 * metrics, confusion counts, the choice of the best epoch and progress; {@code GoldenTrainingTest}
 * tests losses and weights against PyTorch; {@code RepeatabilityTest} and {@code ResumeTest} test
 * the bits of concurrent and resumed trainings; {@code NativeMemoryTest} tests the memory.
 *
 * <p>Other tests: {@code Evaluator} in {@code TrainerTest}, {@code Checkpoint} in {@code
 * ResumeTest}, {@code LearningRate} in {@code SchedulesTest}, {@code LearningRateSearch} in {@code
 * LearningRateSearchTest}, {@code PhaseStates} in {@code PhasedTrainingTest}.
 */
@NullMarked
package io.trainyard.train;

import org.jspecify.annotations.NullMarked;
