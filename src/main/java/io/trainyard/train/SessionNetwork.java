package io.trainyard.train;

import io.trainyard.engine.TrainingSession;
import io.trainyard.tensor.HostTensor;
import java.util.List;
import java.util.Map;

/** The network of a session, with the average of its weights if the training keeps one. */
record SessionNetwork(TrainingSession session, int rowsAtOnce) implements LearningNetwork {
  @Override
  public Map<String, HostTensor> outputs(Map<String, HostTensor> inputs, List<String> layers) {
    return session.withPublishedWeights(() -> session.outputs(inputs, layers));
  }

  @Override
  public Map<String, HostTensor> weights() {
    return session.lastWeights();
  }
}
