package io.trainyard.scenario;

import io.trainyard.ServiceTest;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.test.context.ActiveProfiles;
import org.springframework.test.context.TestPropertySource;

/**
 * A test against a service that only the scenarios share, because the examples use common names. It
 * has workers, as by default.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@ServiceTest
@ActiveProfiles("scenario")
@TestPropertySource(properties = "trainyard.jobs.isolation=${scenario.isolation:process}")
@interface ScenarioTest {}
