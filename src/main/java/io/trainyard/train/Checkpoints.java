package io.trainyard.train;

import io.trainyard.engine.TrainingSession;
import io.trainyard.tensor.HostTensor;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The checkpoints of one training: what they hold, and when the listener gets one. */
record Checkpoints(
    TrainingSession session,
    EpochSelection selection,
    StoppingState stopping,
    LearningRate learningRate,
    TrainingListener listener,
    TrainingSpeed pace,
    int threads) {
  /**
   * The epochs and steps that a training has finished.
   *
   * @param state the current epoch; null between epochs
   */
  record Reached(int epochs, long optimizerSteps, @Nullable EpochState state) {}

  /** Whether the listener wants a checkpoint, and the pause after the last one is over. */
  boolean areDue() {
    return listener.wantsCheckpoints() && pace.checkpointIsDue();
  }

  /** Gives the listener a checkpoint if one is due. */
  void offer(Reached reached) {
    if (!areDue()) {
      return;
    }
    double start = pace.seconds();
    listener.checkpoint(of(reached));
    pace.checkpointEnded(start);
  }

  /** Gives the listener the state at the end, if another training may go on from it. */
  void end(int epochs, long optimizerSteps) {
    if (listener.wantsEnd()) {
      // Of an epoch that was stopped, the weights count and the sums do not.
      listener.checkpoint(of(new Reached(epochs, optimizerSteps, null)));
    }
  }

  Checkpoint of(Reached reached) {
    Map<String, HostTensor> tensors = new HashMap<>();
    session.weights().forEach((name, tensor) -> tensors.put(Checkpoint.WEIGHTS + name, tensor));
    session.optimizerState().forEach((name, tensor) -> tensors.put("optimizer/" + name, tensor));
    session.bestWeights().forEach((name, tensor) -> tensors.put(Checkpoint.BEST + name, tensor));
    stopping.putInto(tensors);
    learningRate.putInto(tensors);
    EpochState state = reached.state();
    if (state != null && state.steps() > 0) {
      state.putInto(tensors);
    }
    return new Checkpoint(
        selection.position(
            reached.epochs(), reached.optimizerSteps(), threads, pace.totalSeconds()),
        tensors);
  }

  /** Everything except the current epoch, which continues when it begins. */
  void restore(Checkpoint checkpoint) {
    selection.restore(checkpoint.position());
    stopping.restore(checkpoint);
    learningRate.restore(checkpoint);
    session.restoreWeights(checkpoint.tensors(Checkpoint.WEIGHTS));
    Map<String, HostTensor> optimizer = checkpoint.tensors("optimizer/");
    // A phase begins as from a checkpoint; the first time, its optimizer has no state.
    if (!optimizer.isEmpty()) {
      session.restoreOptimizer(optimizer);
    }
    session.restoreBest(checkpoint.tensors(Checkpoint.BEST));
  }
}
