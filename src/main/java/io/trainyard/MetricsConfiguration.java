package io.trainyard;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.BaseUnits;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.trainyard.memory.MemoryMeter;
import io.trainyard.os.PeriodicTask;
import io.trainyard.store.database.ReadableRows;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.info.BuildProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Metrics of the process as a whole. */
@Configuration(proxyBeanMethods = false)
class MetricsConfiguration {
  /** Its value is always 1; the labels say what runs. */
  @Bean
  MeterBinder buildMetrics(ObjectProvider<BuildProperties> build) {
    BuildProperties known = build.getIfAvailable();
    String version = known == null ? "unknown" : String.valueOf(known.getVersion());
    return meters ->
        Gauge.builder("trainyard.build.info", () -> 1)
            .description("The version that runs, always 1")
            .tags("version", version, "java", Runtime.version().toString())
            .register(meters);
  }

  @Bean
  MeterBinder taskMetrics() {
    return meters ->
        FunctionCounter.builder(
                "trainyard.tasks.failures", PeriodicTask.class, _ -> PeriodicTask.failures())
            .description("Runs of periodic tasks that failed; each task goes on")
            .register(meters);
  }

  @Bean
  MeterBinder rowMetrics() {
    return meters ->
        FunctionCounter.builder(
                "trainyard.rows.unreadable", ReadableRows.class, _ -> ReadableRows.unreadable())
            .description(
                "Reads of stored rows that this release cannot read, as during a rolling upgrade; they are left out")
            .register(meters);
  }

  @Bean
  MeterBinder memoryMetrics(MemoryMeter memory) {
    return meters -> {
      Gauge.builder("trainyard.memory.resident", () -> memory.read().resident())
          .description("Resident memory of this process, without its workers and mapped files")
          .baseUnit(BaseUnits.BYTES)
          .register(meters);
      Gauge.builder("trainyard.memory.budget", () -> memory.read().limit())
          .description("Memory that this process and its workers may use: trainyard.memory")
          .baseUnit(BaseUnits.BYTES)
          .register(meters);
    };
  }
}
