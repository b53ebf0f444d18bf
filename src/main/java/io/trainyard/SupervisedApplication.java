package io.trainyard;

import io.trainyard.engine.EngineProperties;
import io.trainyard.trace.TraceProperties;
import org.springframework.boot.autoconfigure.ImportAutoConfiguration;
import org.springframework.boot.autoconfigure.context.ConfigurationPropertiesAutoConfiguration;
import org.springframework.boot.autoconfigure.context.LifecycleAutoConfiguration;
import org.springframework.boot.autoconfigure.context.PropertyPlaceholderAutoConfiguration;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.jackson.autoconfigure.JacksonAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcClientAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.MetricsAutoConfiguration;
import org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration;
import org.springframework.boot.transaction.autoconfigure.TransactionAutoConfiguration;
import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.FilterType;
import org.springframework.context.annotation.Import;

/**
 * The parts of the service that a worker needs whose supervisor answers callers: no HTTP, no
 * documentation, no export of metrics. It is not annotated as a configuration, so that the scan of
 * {@link TrainyardApplication} does not find it.
 */
@ImportAutoConfiguration({
  ConfigurationPropertiesAutoConfiguration.class,
  LifecycleAutoConfiguration.class,
  PropertyPlaceholderAutoConfiguration.class,
  JacksonAutoConfiguration.class,
  DataSourceAutoConfiguration.class,
  DataSourceTransactionManagerAutoConfiguration.class,
  JdbcTemplateAutoConfiguration.class,
  JdbcClientAutoConfiguration.class,
  TransactionAutoConfiguration.class,
  MetricsAutoConfiguration.class,
  CompositeMeterRegistryAutoConfiguration.class,
  SimpleMetricsExportAutoConfiguration.class
})
@Import({
  DatasetConfiguration.class,
  EngineConfiguration.class,
  OnnxConfiguration.class,
  JobConfiguration.class,
  ModelConfiguration.class,
  PredictConfiguration.class,
  ProcessConfiguration.class,
  TemporaryFilesConfiguration.class,
  TraceConfiguration.class
})
@ComponentScan(
    basePackages = {"io.trainyard.job", "io.trainyard.predict", "io.trainyard.store"},
    excludeFilters =
        @ComponentScan.Filter(
            type = FilterType.REGEX,
            pattern = "io\\.trainyard\\.job\\.supervise\\..*"))
@ConfigurationPropertiesScan({"io.trainyard.job", "io.trainyard.predict", "io.trainyard.store"})
@EnableConfigurationProperties({EngineProperties.class, TraceProperties.class})
final class SupervisedApplication {}
