package io.trainyard;

import io.trainyard.engine.Engine;
import io.trainyard.job.Training;
import io.trainyard.train.Trainer;
import io.trainyard.train.TrainingListener;
import io.trainyard.train.TrainingOutcome;
import io.trainyard.train.TrainingRun;
import java.util.Map;
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
    public TrainingOutcome train(TrainingRun run, TrainingListener listener) {
      return trainer.train(run, listener);
    }
  }
}
