#pragma once
#include <stdint.h>
#include <stdbool.h>
#include <xgboost/c_api.h>
