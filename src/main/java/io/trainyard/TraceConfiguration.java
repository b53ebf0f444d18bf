package io.trainyard;

import io.trainyard.trace.Spans;
import io.trainyard.trace.TraceProperties;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.info.BuildProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Sends traces where a collector is configured. */
@Configuration(proxyBeanMethods = false)
class TraceConfiguration {
  @Bean(destroyMethod = "close")
  Spans spans(TraceProperties properties, ObjectProvider<BuildProperties> build) {
    BuildProperties known = build.getIfAvailable();
    return Spans.of(properties, known == null ? "unknown" : String.valueOf(known.getVersion()));
  }
}
