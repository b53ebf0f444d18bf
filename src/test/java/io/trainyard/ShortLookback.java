package io.trainyard;

import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmHeapPressureMetrics;
import java.time.Duration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/**
 * For services that tests start from classes: the share of time that garbage collection takes is
 * that of the last 10 seconds instead of 5 minutes.
 */
@Configuration(proxyBeanMethods = false)
@ConditionalOnProperty("test.short-lookback")
class ShortLookback {
  @Bean
  JvmHeapPressureMetrics heapPressure() {
    return new JvmHeapPressureMetrics(Tags.empty(), Duration.ofSeconds(10), Duration.ofMillis(500));
  }
}
