package io.trainyard;

import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.engine.Engine;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.engine.natives.DeviceMemory;
import io.trainyard.job.JobProperties;
import io.trainyard.job.TrainingRunner;
import io.trainyard.job.WorkerRegister;
import io.trainyard.job.check.DeviceSizes;
import io.trainyard.job.check.MemoryBudget;
import io.trainyard.job.check.PoolChooser;
import io.trainyard.job.check.StepLimit;
import io.trainyard.job.check.WorkerPool;
import io.trainyard.memory.MemoryMeter;
import io.trainyard.os.NvidiaSmi;
import io.trainyard.tensor.HostTensor;
import io.trainyard.train.Checkpoint;
import io.trainyard.train.EnsemblePlan;
import io.trainyard.train.SweepEnsemblePlan;
import io.trainyard.train.Trainer;
import io.trainyard.train.TrainingListener;
import io.trainyard.train.TrainingOutcome;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.util.unit.DataSize;

/** Wires jobs to the engine, and the check of jobs to its settings. */
@Configuration(proxyBeanMethods = false)
class JobConfiguration {
  @Bean
  TrainingRunner trainingEngine(Trainer trainer) {
    return new EngineTraining(
        trainer, Map.of("libtorch", Engine.version(), "java", Runtime.version().toString()));
  }

  @Bean
  PoolChooser poolChooser(JobProperties properties) {
    return new PoolChooser(properties.pools());
  }

  @Bean
  MemoryBudget memoryBudget(JobProperties properties) {
    return new MemoryBudget(properties.memory());
  }

  @Bean
  DeviceSizes deviceSizes(WorkerRegister register, JobProperties properties) {
    return pool -> {
      WorkerPool settings = properties.pools().get(pool);
      return settings == null
          ? OptionalLong.empty()
          : register.living().stream()
              .filter(worker -> worker.pools().containsKey(pool))
              .flatMap(worker -> worker.devices().stream())
              .filter(use -> use.device() == settings.device())
              .mapToLong(DeviceMemory.Use::total)
              .max();
    };
  }

  @Bean
  StepLimit stepLimit(JobProperties properties) {
    return new StepLimit(properties.maxStepMultiplyAdds());
  }

  @Bean
  MemoryMeter memoryMeter(@Value("${trainyard.memory}") DataSize limit) {
    return MemoryMeter.ofThisProcess(limit.toBytes());
  }

  /** A question takes up to a second of the driver, and more where it sleeps between them. */
  @Bean
  NvidiaSmi nvidiaSmi() {
    return new NvidiaSmi(
        "nvidia-smi", System.getenv(), Duration.ofSeconds(4), Duration.ofSeconds(10));
  }

  private record EngineTraining(Trainer trainer, Map<String, String> libraries)
      implements TrainingRunner {
    @Override
    public int threadsFor(TrainingPlan plan, @Nullable Checkpoint resume) {
      return trainer.threadsFor(plan, resume);
    }

    @Override
    public TrainingOutcome train(
        TrainingPlan plan,
        PreparedData data,
        @Nullable Checkpoint resume,
        TrainingListener listener) {
      return trainer.train(plan, data, resume, listener);
    }

    @Override
    public TrainingOutcome train(
        EnsemblePlan plan, @Nullable Checkpoint resume, TrainingListener listener) {
      return trainer.train(plan, resume, listener);
    }

    @Override
    public TrainingOutcome refit(
        EnsemblePlan plan,
        List<Supplier<Map<String, HostTensor>>> others,
        @Nullable Checkpoint resume,
        TrainingListener listener) {
      return trainer.refit(plan, others, resume, listener);
    }

    @Override
    public TrainingOutcome train(SweepEnsemblePlan plan, TrainingListener listener) {
      return trainer.train(plan, listener);
    }
  }
}
