package io.trainyard;

import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.engine.Engine;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.job.Training;
import io.trainyard.train.Checkpoint;
import io.trainyard.train.Trainer;
import io.trainyard.train.TrainingListener;
import io.trainyard.train.TrainingOutcome;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Jobs train with the engine's trainer. */
@Configuration(proxyBeanMethods = false)
class JobConfiguration {
  @Bean
  Training training(Trainer trainer) {
    return new EngineTraining(
        trainer, Map.of("libtorch", Engine.version(), "java", Runtime.version().toString()));
  }

  private record EngineTraining(Trainer trainer, Map<String, String> libraries)
      implements Training {
    @Override
    public TrainingOutcome train(
        TrainingPlan plan,
        PreparedData data,
        @Nullable Checkpoint resume,
        TrainingListener listener) {
      return trainer.train(plan, data, resume, listener);
    }
  }
}
