package io.trainyard;

import io.trainyard.dataset.CurrentCaller;
import io.trainyard.engine.Engine;
import io.trainyard.job.process.Preloader;
import io.trainyard.job.process.ProcessProperties;
import io.trainyard.job.process.ProposedVersion;
import io.trainyard.job.process.Roles;
import io.trainyard.job.process.Supervision;
import io.trainyard.job.process.WorkerProcess;
import io.trainyard.job.process.Workers;
import io.trainyard.model.VersionProof;
import io.trainyard.model.VersionStore;
import io.trainyard.model.WeightStore;
import io.trainyard.onnx.host.Checker;
import io.trainyard.onnx.host.Checkers;
import io.trainyard.onnx.host.Hosts;
import io.trainyard.predict.AnswerRoute;
import io.trainyard.predict.PredictProperties;
import io.trainyard.predict.Predictor;
import io.trainyard.predict.TrialPredictions;
import io.trainyard.predict.VersionLoader;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.file.Scratch;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.ApplicationArguments;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Which process does what: where versions are proved and loaded, and how workers start. */
@Configuration(proxyBeanMethods = false)
class ProcessConfiguration {
  /** How long a proof may compute. */
  private static final Duration PROOF_LIMIT = Duration.ofMinutes(1);

  /** How long a caller waits for a proof, with its turn and the start of a worker. */
  private static final Duration CALLER_LIMIT = Duration.ofMinutes(2);

  /** A process that nobody supervises; {@link TrainyardApplication} registers a worker's. */
  @Bean
  @ConditionalOnMissingBean
  Supervision supervision() {
    return Supervision.none();
  }

  @Bean
  WorkerProcess.Site workerSite(
      ApplicationArguments arguments, Scratch temporaryFiles, DataDirectory directory) {
    return new WorkerProcess.Site(
        TrainyardApplication.class.getName(),
        List.of(arguments.getSourceArgs()),
        temporaryFiles.folder().resolve("control"),
        directory.dataDir().resolve("crashes"));
  }

  /**
   * A process with workers leaves proofs to them: what crashes there hits no caller. A file that a
   * caller brought is computed in the checker, in every mode.
   */
  @Bean
  VersionProof versionProof(
      ProcessProperties processes,
      Roles roles,
      Workers workers,
      WeightStore weights,
      Engine engine,
      Checkers checkers,
      Hosts hosts,
      PredictProperties predict,
      Supervision supervision,
      AnswerRoute routes) {
    Checker checker = checkers.ofNetworks();
    VersionLoader loader =
        new VersionLoader(weights, engine::load, checker::load, predict.limits());
    VersionProof ofFile = new TrialPredictions(loader, Runnable::run, PROOF_LIMIT, routes);
    VersionProof here =
        new TrialPredictions(loader, work -> engine.threads().run(1, work), PROOF_LIMIT, routes);
    if (!processes.supervises(roles)) {
      supervision.onProof(
          version -> {
            var _ = here.prove(version.toLoad());
          });
    }
    VersionProof own =
        processes.supervises(roles)
            ? version -> {
              workers.prove(ProposedVersion.of(version), CALLER_LIMIT);
              return true; // rows of layers never meet
            }
            : here;
    return version -> {
      if (version.provisional(0).isForeign()) {
        AtomicBoolean agrees = new AtomicBoolean();
        checker.check("/onnx", 0, CurrentCaller::hasLeft, () -> agrees.set(ofFile.prove(version)));
        hosts.start(); // its first caller does not wait for the process
        return agrees.get();
      }
      return own.prove(version);
    };
  }

  /** A worker's supervisor answers the callers, so it loads the versions. */
  @Bean
  Preloader preloader(
      Supervision supervision,
      ObjectProvider<Predictor> predictor,
      VersionStore versions,
      PredictProperties predict) {
    return supervision.present()
        ? supervision.preloader(predict.loadLimit())
        : version -> new Loaded(predictor.getObject().preload(version), versions);
  }

  private record Loaded(Predictor.Preloaded loaded, VersionStore versions)
      implements Preloader.Preloaded {
    @Override
    public void published(String model, int version) {
      versions.find(model, version).ifPresent(loaded::publishedAs);
    }

    @Override
    public void close() {
      loaded.close();
    }
  }
}
