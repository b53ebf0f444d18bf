package io.trainyard;

import io.micrometer.core.instrument.MeterRegistry;
import io.trainyard.dataset.CurrentCaller;
import io.trainyard.engine.Engine;
import io.trainyard.engine.EngineProperties;
import io.trainyard.job.process.ProcessProperties;
import io.trainyard.memory.MemoryMeter;
import io.trainyard.model.ForeignNetworks;
import io.trainyard.model.WeightStore;
import io.trainyard.onnx.NetworkTask;
import io.trainyard.onnx.OnnxExport;
import io.trainyard.onnx.OnnxRuntime;
import io.trainyard.onnx.host.Checker;
import io.trainyard.onnx.host.Checkers;
import io.trainyard.onnx.host.CrashingCallers;
import io.trainyard.onnx.host.HostSite;
import io.trainyard.onnx.host.Hosts;
import io.trainyard.predict.PredictProperties;
import io.trainyard.store.DataDirectory;
import io.trainyard.store.file.Scratch;
import io.trainyard.store.ingest.ParquetConversion;
import io.trainyard.store.ingest.ParquetTask;
import java.time.Clock;
import java.util.Map;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Versions as ONNX files. ONNX Runtime's libraries lie in the engine's folder of libraries. */
@Configuration(proxyBeanMethods = false)
class OnnxConfiguration {
  /** The lists of a forest take about twice the bytes of its file while they are checked. */
  private static final long HEAP_PER_BYTE = 2;

  @Bean
  OnnxRuntime onnxRuntime(
      EngineProperties properties, PredictProperties predict, DataDirectory directory) {
    return new OnnxRuntime(
        properties.libraryFolder(directory.dataDir()), predict.loadedBytes().toBytes());
  }

  @Bean
  OnnxExport onnxExport(WeightStore weights, Engine engine, OnnxRuntime runtime) {
    return new OnnxExport(weights, engine::load, work -> engine.threads().run(1, work), runtime);
  }

  /**
   * A caller's ONNX file is read in a checker. A file and its session must fit the memory of loaded
   * models, beside each other.
   */
  @Bean
  ForeignNetworks foreignNetworks(Checkers checkers, PredictProperties properties) {
    return NetworkTask.in(
        (file, request) ->
            checkers
                .ofNetworks()
                .reply(
                    "/onnx",
                    HEAP_PER_BYTE * file.toFile().length(),
                    Checker.LONGEST_TASK,
                    CurrentCaller::hasLeft,
                    NetworkTask.KIND,
                    request),
        properties.loadedBytes().toBytes() / 2);
  }

  /** Where processes for files of callers start; each may use as much memory as loaded models. */
  @Bean
  HostSite hostSite(
      EngineProperties properties,
      PredictProperties predict,
      DataDirectory directory,
      Scratch temporaryFiles,
      MemoryMeter memory) {
    return new HostSite(
            TrainyardApplication.class.getName(),
            temporaryFiles.folder().resolve("hosts"),
            directory.dataDir().resolve("crashes"),
            properties.libraryFolder(directory.dataDir()),
            predict.loadedBytes().toBytes(),
            predict.threadCount() + predict.loadThreads(),
            () -> memory.read().oomKills())
        .deleteAbandoned();
  }

  /** They start when the first file is loaded. */
  @Bean(destroyMethod = "close")
  Hosts hosts(HostSite site, Clock clock, CrashingCallers callers, PredictProperties predict) {
    return new Hosts(site, clock, callers, predict.loadLimit());
  }

  @Bean
  CrashingCallers crashingCallers(Clock clock) {
    return new CrashingCallers(clock);
  }

  /** Where ONNX files are computed before an import, and Parquet files converted. */
  @Bean(destroyMethod = "close")
  Checkers checkers(
      HostSite site, ProcessProperties processes, CrashingCallers callers, MeterRegistry meters) {
    HostMetrics.CHECKER.register(meters);
    return new Checkers(
        site,
        processes.workerNice(),
        Map.of(ParquetTask.KIND, ParquetTask.preparation(site.natives())),
        callers,
        kind -> HostMetrics.CHECKER.died(meters, kind));
  }

  /** A caller's Parquet file is read in a checker; the rows that it writes are read here. */
  @Bean
  ParquetConversion parquetConversion(Checkers checkers, HostSite site) {
    return ParquetTask.in(
        (request, longest, stopped) ->
            checkers.ofRows().reply("", 0, longest, stopped, ParquetTask.KIND, request),
        site.natives());
  }
}
