package io.aiopslab.tasks.store;

import org.springframework.context.annotation.ComponentScan;
import org.springframework.context.annotation.Configuration;

/** Brings in every class of the store edge. */
@Configuration(proxyBeanMethods = false)
@ComponentScan(basePackageClasses = StoreConfiguration.class)
public class StoreConfiguration {}
