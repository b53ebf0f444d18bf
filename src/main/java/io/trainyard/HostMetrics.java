package io.trainyard;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.trainyard.onnx.host.Checkers;
import io.trainyard.onnx.host.Hosts;
import io.trainyard.process.ProcessDeath;

/** The metrics of processes that compute files of callers, by what they compute them for. */
enum HostMetrics {
  /** For predictions. */
  HOSTS("serving"),
  /** Before an import. */
  CHECKER("checking");

  private final String purpose;

  HostMetrics(String purpose) {
    this.purpose = purpose;
  }

  /** All are there from the start, so that a rate shows the first death. */
  void register(MeterRegistry meters) {
    ProcessDeath.KINDS.forEach(kind -> deaths(meters, kind));
  }

  void died(MeterRegistry meters, String kind) {
    deaths(meters, kind).increment();
  }

  private Counter deaths(MeterRegistry meters, String cause) {
    return Counter.builder("trainyard.hosts.deaths")
        .description("Processes for files of callers that died")
        .tag("purpose", purpose)
        .tag("cause", cause)
        .register(meters);
  }

  static void count(MeterRegistry meters, Hosts hosts, Checkers checkers) {
    Gauge.builder("trainyard.hosts", () -> hosts.count() + checkers.count())
        .description("Processes for files of callers that live")
        .register(meters);
  }
}
