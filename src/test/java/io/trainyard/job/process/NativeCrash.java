package io.trainyard.job.process;

import io.trainyard.dataset.prepare.PreparedData;
import io.trainyard.engine.TrainingPlan;
import io.trainyard.job.TrainingRunner;
import io.trainyard.model.VersionProof;
import io.trainyard.tensor.HostTensor;
import io.trainyard.train.Checkpoint;
import io.trainyard.train.EnsemblePlan;
import io.trainyard.train.EpochRecord;
import io.trainyard.train.Progress;
import io.trainyard.train.SweepEnsemblePlan;
import io.trainyard.train.TrainingCommand;
import io.trainyard.train.TrainingListener;
import io.trainyard.train.TrainingOutcome;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * A layer that crashes the process, for tests that start the service from classes (a worker looks
 * for its parts in this package): training a network with a layer named {@code poison} ends in a
 * real SIGSEGV in native code after its second epoch, and so does the proof of a version with a
 * layer named {@code poisonous}.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty("test.native-crash")
class NativeCrash {
  private static final int EPOCH = 2;

  @Bean
  static BeanPostProcessor crashes(ObjectProvider<Supervision> supervision) {
    return new BeanPostProcessor() {
      @Override
      public Object postProcessAfterInitialization(Object bean, String name) {
        if (bean instanceof VersionProof proof) {
          supervision.getObject().onProof(version -> prove(proof, version));
        }
        return bean instanceof TrainingRunner runner ? new Training(runner) : bean;
      }
    };
  }

  private static void prove(VersionProof proof, ProposedVersion version) {
    if (version.spec().toString().contains("poisonous")) {
      crash();
    }
    proof.prove(version.toLoad());
  }

  /** strlen(NULL). */
  private static void crash() {
    Linker linker = Linker.nativeLinker();
    try {
      var length =
          linker.downcallHandle(
              linker.defaultLookup().find("strlen").orElseThrow(),
              FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS));
      long _ = (long) length.invokeExact(MemorySegment.NULL);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private record Training(TrainingRunner runner) implements TrainingRunner {
    @Override
    public int threadsFor(TrainingPlan plan, @Nullable Checkpoint resume) {
      return runner.threadsFor(plan, resume);
    }

    @Override
    public TrainingOutcome train(
        TrainingPlan plan,
        PreparedData data,
        @Nullable Checkpoint resume,
        TrainingListener listener) {
      boolean poison = plan.shapes().layers().containsKey("poison");
      return runner.train(plan, data, resume, poison ? new Crashing(listener) : listener);
    }

    @Override
    public TrainingOutcome train(
        EnsemblePlan plan, @Nullable Checkpoint resume, TrainingListener listener) {
      return runner.train(plan, resume, listener);
    }

    @Override
    public TrainingOutcome refit(
        EnsemblePlan plan,
        List<Supplier<Map<String, HostTensor>>> others,
        @Nullable Checkpoint resume,
        TrainingListener listener) {
      return runner.refit(plan, others, resume, listener);
    }

    @Override
    public TrainingOutcome train(SweepEnsemblePlan plan, TrainingListener listener) {
      return runner.train(plan, listener);
    }

    @Override
    public Map<String, String> libraries() {
      return runner.libraries();
    }
  }

  private record Crashing(TrainingListener listener) implements TrainingListener {
    @Override
    public TrainingCommand command() {
      return listener.command();
    }

    @Override
    public void epoch(EpochRecord record, Progress progress) {
      listener.epoch(record, progress);
      if (record.epoch() >= EPOCH) {
        pauseForAReport();
        crash();
      }
    }

    /** Progress is stored every 200 ms. */
    private static void pauseForAReport() {
      try {
        Thread.sleep(1_000);
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }
  }
}
